"""Slides, live presentation and what both carry inside them."""
