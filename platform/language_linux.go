package platform

// settingsLanguages is empty: every session of a Linux computer has its language in the environment.
func settingsLanguages() []string { return nil }
