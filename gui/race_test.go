//go:build race

package gui

// raceDetector tells that all of this runs ten times as slowly.
const raceDetector = true
