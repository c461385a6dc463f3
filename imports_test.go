package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// The folders import nothing of the project: each can be read, and used, alone.
func TestFoldersImportNothing(t *testing.T) {
	for _, folder := range []string{"kademlia", "network", "rpc", "view", "wire"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imported := range file.Imports {
				if strings.HasPrefix(imported.Path.Value, `"gosimpleblockchain`) && !strings.HasSuffix(path, "_test.go") {
					t.Errorf("%s imports %s", path, imported.Path.Value)
				}
			}
		}
	}
}
