"""Tests of coursekit.sample_quality."""
