"""What each service tells the front end: the shapes we read, and one function for each question we ask."""
