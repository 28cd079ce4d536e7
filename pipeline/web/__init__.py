"""The office's page: what the command line does, for people in a browser and for other programs."""
