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
	s := newServer(node, ln.Addr().String(), log)
	return s.serve(ctx, ln, s.routes())
}

// A site is what both pages need, that of a node and that of a lab: who may ask,
// and how much at a time.
type site struct {
	log  *slog.Logger
	own  []string // HOST:PORT by which a browser may ask
	page string   // its URL
	do   string   // the one path that takes POST, and nothing else; "": none does

	conns   *connections
	streams chan struct{} // holds a token for each stream of events that is open
	run     string        // names this server in the numbers of its events
}

func newSite(addr string, log *slog.Logger) *site {
	return &site{
		log:     log,
		own:     ownHosts(addr),
		page:    "http://" + addr,
		conns:   newConnections(),
		streams: make(chan struct{}, maxStreams),
		run:     newRun(),
	}
}

// serve answers requests until ctx is done, as [Serve] promises.
func (s *site) serve(ctx context.Context, ln net.Listener, routes http.Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	web := s.httpServer(ctx, routes)
	served := make(chan error, 1)
	go func() { served <- web.Serve(&listener{ln, s.conns, ctx.Done()}) }()

	// It ends by itself only if somebody else closes ln.
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

// httpServer returns a server, whose requests end when ctx is done.
func (s *site) httpServer(ctx context.Context, routes http.Handler) *http.Server {
	return &http.Server{
		Handler:     s.refuseOthers(routes),
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

// A server is what Serve keeps.
type server struct {
	*site
	node      Node
	questions *questions
	batches   *batches
}

func newServer(node Node, addr string, log *slog.Logger) *server {
	return &server{newSite(addr, log), node, newQuestions(), new(batches)}
}

// routes are what a browser may ask for.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()

	s.addFiles(mux, "index.html")

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
	return mux
}

// addFiles lets mux answer with the files of the page, the first of which is
// what one opens, and say of all that has no other handler that it is not there.
func (s *site) addFiles(mux *http.ServeMux, first string) {
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { s.file(w, r, first) })
	mux.HandleFunc("/static/{name}", func(w http.ResponseWriter, r *http.Request) { s.file(w, r, r.PathValue("name")) })

	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "there is nothing at "+r.URL.Path)
	})
}

// catch ends one request that meets a bug of this program. The others go on.
func (s *site) catch(w http.ResponseWriter, r *http.Request) {
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
