"""What the commands in scripts/ share. Nothing here is run by itself."""
