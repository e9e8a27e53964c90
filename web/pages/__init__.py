"""The pages, by job; `register.py` lists them."""
