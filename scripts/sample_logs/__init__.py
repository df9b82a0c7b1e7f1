"""Sample logs: files as AWS delivers them, and the numbers a correct reader must find in them."""
