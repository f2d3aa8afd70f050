"""Request traffic through any lane, fast: the driver, what an observer keeps, published traces."""
