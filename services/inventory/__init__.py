"""Items, lots and stock: what came in, what was used on whom, and what runs short."""
