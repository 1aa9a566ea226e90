"""What people see, built by pure functions: values in, Block Kit out."""
