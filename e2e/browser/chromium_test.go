package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/chromedp/chromedp"
)

// howToInstall ends the sentence that says there is no browser.
const howToInstall = "install Chromium (Debian: `apt-get install chromium`), or name the program in CHROMIUM"

// errNoBrowser is what findChromium returns on a machine without one.
var errNoBrowser = errors.New("there is no Chromium on this machine")

// browser is the Chromium of all tests, or nil with the reason why there is none.
// TestMain starts and ends it.
var browser struct {
	ctx context.Context
	err error
}

// startBrowser starts Chromium, which keeps all that it writes in dir. When stop
// returns, its processes are gone.
func startBrowser(dir string) (ctx context.Context, stop func(), err error) {
	path, err := findChromium()
	if err != nil {
		return nil, nil, err
	}

	allocator, release := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path),
		chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.Env("TMPDIR="+dir),
		chromedp.Headless,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.DisableGPU,
		chromedp.Flag("no-sandbox", os.Getuid() == 0), // Chromium refuses to sandbox root
		chromedp.Flag("disable-dev-shm-usage", true),  // containers have little of it

		// It asks nobody outside for anything.
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),

		chromedp.Flag("hide-scrollbars", true), // in the pictures
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("force-color-profile", "srgb"),
	)
	ctx, cancel := chromedp.NewContext(allocator)
	stop = func() {
		cancel()
		release()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, stop, nil
}

// findChromium returns the path of Chromium or Chrome.
func findChromium() (string, error) {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return exec.LookPath(path)
	}

	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}
	switch runtime.GOOS {
	case "darwin":
		names = append(names,
			"/Applications/Chromium.app/Contents/MacOS/Chromium",
			"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
	case "windows":
		names = append(names,
			os.ExpandEnv(`${ProgramFiles}\Google\Chrome\Application\chrome.exe`),
			os.ExpandEnv(`${ProgramFiles(x86)}\Microsoft\Edge\Application\msedge.exe`))
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoBrowser
}

// required reports whether tests without a browser fail: as they do in .ci/run.
func required() bool { return os.Getenv("BROWSER") == "required" }

// needBrowser skips a test on a machine without a browser.
func needBrowser(t testing.TB) {
	t.Helper()
	switch err := browser.err; {
	case err == nil:
	case errors.Is(err, errNoBrowser) && !required():
		t.Skipf("%v: to test the page, %s", err, howToInstall)
	default:
		t.Fatalf("%v: %s", err, howToInstall)
	}
}
