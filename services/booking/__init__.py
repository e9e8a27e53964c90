"""Who is treated when, by whom, with what and where; and what was done."""
