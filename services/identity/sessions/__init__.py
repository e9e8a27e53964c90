"""Who is signed in at the web front end."""
