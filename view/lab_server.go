package view

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ServeLab shows lab to browsers on ln, and makes the promises that [Serve] does.
// Whoever knows token may change what goes on in the lab; an empty one lets
// nobody. The page finds it in its URL, "http://HOST:PORT/#token=TOKEN": what
// stands after # is sent to nobody, and so gets into no log.
func ServeLab(ctx context.Context, ln net.Listener, lab Lab, token string, log *slog.Logger) error {
	s := newLabServer(lab, token, ln.Addr().String(), log)
	return s.serve(ctx, ln, s.routes())
}

// A labServer is what ServeLab keeps.
type labServer struct {
	*site
	lab   Lab
	token string
	doing chan struct{} // holds a token for each line that is carried out
}

// Bounds of what a page may send.
const (
	maxDoing = 16      // lines at a time: some wait for something to happen
	maxBody  = 4 << 10 // bytes of a request
	maxLine  = 500     // bytes of a line
)

const doPath = "/do"

func newLabServer(lab Lab, token, addr string, log *slog.Logger) *labServer {
	s := &labServer{newSite(addr, log), lab, token, make(chan struct{}, maxDoing)}
	s.site.do = doPath
	return s
}

func (s *labServer) routes() http.Handler {
	mux := http.NewServeMux()
	s.addFiles(mux, "lab.html")

	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) { s.stream(w, r, s.followLab) })
	mux.HandleFunc(doPath, s.doLine)
	return mux
}

// followLab writes the events of the lab after one, until the page is gone, or
// does not read, or ctx is done, or the lab is closed.
func (s *labServer) followLab(ctx context.Context, stream *stream, after uint64) {
	for {
		news, err := s.labNews(ctx, int(min(after, math.MaxInt32)))
		quiet := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
		if err != nil && !quiet {
			return
		}

		var text bytes.Buffer
		if quiet {
			text.WriteString(": nothing new\n\n")
		}
		for _, e := range news {
			text.Write(labFrame(e, s.run))
			after = uint64(e.Number)
			if text.Len() < sendBuffer {
				continue
			}
			if stream.write(text.Bytes()) != nil {
				return
			}
			text.Reset()
		}
		if stream.write(text.Bytes()) != nil {
			return
		}

		if len(news) >= manyNews {
			continue // there is more, from before the page was opened
		}
		select {
		case <-time.After(breath):
		case <-ctx.Done():
			return
		}
	}
}

// manyNews are so many events that they have not all just happened.
const manyNews = 100

// labNews waits for events after one. The error is that of the lab, of ctx, or
// context.DeadlineExceeded when nothing happens for a while.
func (s *labServer) labNews(ctx context.Context, after int) ([]LabEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	news, err := s.lab.LabEvents(ctx, after)
	if err == nil && len(news) == 0 {
		err = errNoNews // or we would ask for ever
	}
	return news, err
}

// labFrame returns an event as it is sent. Its JSON has no line break.
func labFrame(e LabEvent, run string) []byte {
	data, err := json.Marshal(e)
	if err != nil { // a loss that is no number
		data = fmt.Appendf(nil, `{"number":%d}`, e.Number)
	}
	return fmt.Appendf(nil, "id: %d-%s\ndata: %s\n\n", e.Number, run, data)
}

// doLine carries out a line for a page that has the token: {"line": "mine A"}. It
// answers {"said": "…"}, or else {"error": "…"}.
func (s *labServer) doLine(w http.ResponseWriter, r *http.Request) {
	if !s.hasToken(r) {
		refuse(w, http.StatusForbidden, "this page may only look: open the whole URL that `lab` printed, with what stands after #")
		return
	}
	line, status, err := readLine(w, r)
	if err != nil {
		refuse(w, status, err.Error())
		return
	}

	select {
	case s.doing <- struct{}{}:
		defer func() { <-s.doing }()
	default:
		refuse(w, http.StatusServiceUnavailable, fmt.Sprintf("%d lines are carried out already: wait for one to end", maxDoing))
		return
	}

	// It may take long, and ends when the page goes, which a deadline would feign.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not known to a test's recorder
	said, err := s.lab.Do(r.Context(), line)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	body, _ := json.Marshal(map[string]string{"said": said})
	reply(w, http.StatusOK, body)
}

func (s *labServer) hasToken(r *http.Request) bool {
	given := r.Header.Values("X-Lab-Token")
	return s.token != "" && len(given) == 1 && subtle.ConstantTimeCompare([]byte(given[0]), []byte(s.token)) == 1
}

// readLine returns the line that a request asks for, or the status and the
// sentence that refuse it.
func readLine(w http.ResponseWriter, r *http.Request) (line string, status int, err error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || len(r.Header.Values("Content-Type")) > 1 {
		return "", http.StatusUnsupportedMediaType, errors.New("the Content-Type of a line is application/json")
	}

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return "", http.StatusRequestEntityTooLarge, fmt.Errorf("a request has at most %d bytes", maxBody)
	case err != nil:
		return "", http.StatusBadRequest, errors.New("the request breaks off")
	}

	var asked struct{ Line *string }
	if json.Unmarshal(body, &asked) != nil || asked.Line == nil {
		return "", http.StatusBadRequest, errors.New(`a line is sent as {"line": "mine A"}`)
	}
	line = strings.TrimSpace(*asked.Line)
	switch {
	case line == "":
		return "", http.StatusBadRequest, errors.New("the line is empty: `help` lists the words")
	case len(line) > maxLine:
		return "", http.StatusBadRequest, fmt.Errorf("a line has at most %d bytes", maxLine)
	case !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl):
		return "", http.StatusBadRequest, errors.New("a line is one line of plain text")
	}
	return line, http.StatusOK, nil
}
