"""What customers write, as it comes to the desk by itself."""
