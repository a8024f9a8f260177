package main

// closeOnExec does nothing: on Windows only the handles that are named are inherited.
func closeOnExec(int) {}
