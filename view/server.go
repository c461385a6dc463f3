package view

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

//go:embed static
var static embed.FS

// Serve shows node to browsers on ln, which must be on a loopback address: there
// is no password. When ctx is done it closes ln and every connection, gives the
// requests that run 0.7 s to end, and returns nil. No goroutine it started is
// left then, but for methods of node that run longer: the error says how many.
func Serve(ctx context.Context, ln net.Listener, node Node, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	s := newServer(node, ln.Addr().String(), log)
	web := s.httpServer(ctx)
	served := make(chan error, 1)
	go func() { served <- web.Serve(&listener{ln, s.conns, ctx.Done()}) }()

	// Serve ends by itself only if somebody else closes ln.
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		ln.Close()
		<-served
	}

	cancel() // the requests' context
	if running := s.conns.end(); running > 0 {
		return errors.Join(err, fmt.Errorf("%d requests of the page still run", running))
	}
	return err
}

// A server is what Serve keeps.
type server struct {
	node Node
	log  *slog.Logger
	own  []string // HOST:PORT by which a browser may ask
	page string   // its URL

	conns     *connections
	streams   chan struct{} // holds a token for each stream of events that is open
	questions *questions
	batches   *batches
	run       string // names this server in the numbers of its events
}

func newServer(node Node, addr string, log *slog.Logger) *server {
	return &server{
		node:      node,
		log:       log,
		own:       ownHosts(addr),
		page:      "http://" + addr,
		conns:     newConnections(),
		streams:   make(chan struct{}, maxStreams),
		questions: newQuestions(),
		batches:   new(batches),
		run:       newRun(),
	}
}

// httpServer returns a server, whose requests end when ctx is done.
func (s *server) httpServer(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:     s.refuseOthers(s.routes()),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnState:   s.conns.note,

		ReadHeaderTimeout: patience,
		ReadTimeout:       patience,
		WriteTimeout:      3 * patience, // and of it, patience to write
		IdleTimeout:       idle,
		MaxHeaderBytes:    maxHeader,

		DisableGeneralOptionsHandler: true,

		// It would say what clients do wrong. Bugs are logged by catch.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// routes are what a browser may ask for.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()

	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { s.file(w, r, "index.html") })
	mux.HandleFunc("/static/{name}", func(w http.ResponseWriter, r *http.Request) { s.file(w, r, r.PathValue("name")) })

	mux.HandleFunc("/api/status", s.status)
	mux.HandleFunc("/api/chain", s.chain)
	mux.HandleFunc("/api/block/{ref}", s.block)
	mux.HandleFunc("/api/tx/{txid}", s.tx)
	mux.HandleFunc("/api/history/{address}", s.history)
	mux.HandleFunc("/api/wallets", s.wallets)
	mux.HandleFunc("/api/pool", s.pool)
	mux.HandleFunc("/api/peers", s.peers)
	mux.HandleFunc("/api/table", s.table)
	mux.HandleFunc("/events", s.events)

	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "there is nothing at "+r.URL.Path)
	})
	return mux
}

// catch ends one request that meets a bug of this program. The others go on.
func (s *server) catch(w http.ResponseWriter, r *http.Request) {
	if bug := recover(); bug != nil {
		s.log.Error("bug in the page", "path", r.URL.Path, "err", fmt.Sprint(bug), "stack", string(debug.Stack()))
		refuse(w, http.StatusInternalServerError, errBug.Error())
	}
}

// Times and sizes of a request.
const (
	patience  = 10 * time.Second // for a request to arrive, or a piece of the answer to leave
	idle      = 30 * time.Second // between two requests of a connection
	grace     = 700 * time.Millisecond
	maxHeader = 8 << 10 // bytes
)
