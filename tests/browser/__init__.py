"""What a reader sees: JupyterLab, slides, page and site in a headless Chromium without a network."""
