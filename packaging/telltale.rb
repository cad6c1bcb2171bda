# A formula for Homebrew. Not tested: written by reading Homebrew's manual.
# Homebrew takes formulas from taps, and one may be a folder of your own:
#   brew tap-new local/telltale
#   cp packaging/telltale.rb telltale-1.0.0.tar.xz \
#       "$(brew --repository local/telltale)/Formula/"
#   brew install local/telltale/telltale
# The tarball is what `make dist` makes.
class Telltale < Formula
  desc "Live view in a terminal of what people in your accounts do"
  url "file://#{__dir__}/telltale-1.0.0.tar.xz"
  license "MIT"

  depends_on "pkgconf" => :build
  depends_on "cjson"
  depends_on "curl"
  depends_on "inih"
  depends_on "libcsv"
  depends_on "libwebsockets"
  depends_on "ncurses"
  depends_on "openssl@3"
  depends_on "pcre2"
  depends_on "sqlite"
  depends_on "utf8proc"
  depends_on "zstd"

  def install
    system "./configure", "--disable-silent-rules", "--without-nats",
           *std_configure_args
    system "make"
    system "make", "install"
  end

  service do
    run [opt_bin/"telltale", "serve"]
    keep_alive crashed: true
    error_log_path var/"log/telltale.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/telltale --version")
    ENV["HOME"] = testpath
    assert_match "book", shell_output("#{bin}/telltale check --listen=127.0.0.1:0")
  end
end
