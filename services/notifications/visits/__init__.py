"""What notifications knows of visits: the newest state of each, and the places they are at."""
