"""Who works here, who is asking, and what each may do where."""
