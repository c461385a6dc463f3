package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gosimpleblockchain/view"
)

// checkDirOf checks, before anything is done, that a file can be made where a path
// leads. "" is none.
func checkDirOf(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("-save %s: that is a directory: give the name of a file in it", path)
	}
	probe, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("-save %s: no file can be made there: %w", path, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// saveLab writes what happened into a file, which is replaced as a whole or not at
// all.
func saveLab(path, title string, events []view.LabEvent) error {
	err := replaceFile(path, func(f *os.File) error {
		if err := view.SaveLab(f, title, events); err != nil {
			return err
		}
		return f.Chmod(0o644) // it is to be handed in
	})
	if err != nil {
		return fmt.Errorf("save what happened to %s: %w", path, err)
	}
	return nil
}
