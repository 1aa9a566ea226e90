"""The doors: what is typed and pressed, and what people read in return."""
