"""Inside the sandbox: what opens files. Only the child process runs what is here."""
