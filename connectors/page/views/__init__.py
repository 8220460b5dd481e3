"""The pages, one file each: what is asked of the archive, and which template shows it."""
