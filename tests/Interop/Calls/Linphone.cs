// linphone's command-line client without a sound card: it reads commands from its standard input, and says on its output what happens.
using System.Text.RegularExpressions;

namespace SipEmbedded.Interop.Tests.Calls;

internal sealed partial class Linphone : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("linphone-").FullName;
    private readonly ChildProcess _process;

    /// <param name="sendsInfo">Keys are sent by SIP INFO, not as events of RTP.</param>
    public Linphone(bool sendsInfo = false)
    {
        Port = Ports.Free();
        // Its database is to be where nothing is left behind. Without the mark of a migration it would offer IPv6, which nobody who was called over IPv4 can take.
        Directory.CreateDirectory(Path.Combine(_folder, ".local", "share", "linphone"));
        Directory.CreateDirectory(Path.Combine(_folder, ".config", "linphone"));
        File.WriteAllText(Path.Combine(_folder, "rc"), $"""
            [sip]
            sip_port={Port}
            sip_tcp_port=-1
            guess_hostname=1
            contact="bob" <sip:bob@127.0.0.1>
            ipv6_migration_done=1
            use_ipv6=0
            use_info={(sendsInfo ? 1 : 0)}
            use_rfc2833={(sendsInfo ? 0 : 1)}
            [rtp]
            audio_rtp_port={Ports.Free()}
            [video]
            enabled=0

            """);
        string[] arguments = ["-c", "HOME=\"$0\" exec linphonec -c rc", _folder];
        _process = new("/bin/sh", arguments, _folder, isTold: true);
        try
        {
            Ports.WaitFor(Port, isTcp: false, _process);
            _process.Tell("soundcard use files");
            Says("instead of soundcard");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Port { get; }

    /// <summary>The keys that it heard so far.</summary>
    public string HeardKeys => string.Concat(_process.Lines.Select(line => Tone().Match(line)).Where(tone => tone.Success).Select(tone => tone.Groups[1].Value));

    [GeneratedRegex(@"Receiving tone (\S) from")]
    private static partial Regex Tone();

    /// <summary>A file of its own, which goes with it.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    public void Do(string command) => _process.Tell(command);

    /// <summary>Waits for a line of its output.</summary>
    public void Says(string text) => _process.WaitForLine(text, Limit);

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
