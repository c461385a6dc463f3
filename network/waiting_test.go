package network

import "encoding/json"

func (l *fakeLedger) Waiting() []json.RawMessage { return nil }
