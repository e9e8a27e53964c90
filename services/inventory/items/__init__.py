"""What the chain uses and keeps: items, their packs, and what each treatment needs of them."""
