"""The front end: pages by job, a client of the services' HTTP APIs, no database."""
