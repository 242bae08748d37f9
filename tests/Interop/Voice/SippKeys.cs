// SIPp with keys: as packets of a capture, as requests, as tones in sound; and as what gives back what it is sent.
using System.Globalization;
using System.Text;
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.Interop.Tests.Voice;

internal sealed class SippKeys : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const int InfoIntervalMs = 150, TonesBeginMs = 500;

    private readonly string _folder = Directory.CreateTempSubdirectory("sipp-keys-").FullName;
    private readonly ChildProcess _sipp;

    private SippKeys(string scenario, string keysElement, string path, params string[] more)
    {
        Port = Ports.Free();
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Voice", "Scenarios", scenario + ".xml"));
        File.WriteAllText(Path.Combine(_folder, "scenario.xml"), text.Replace("<!-- KEYS -->", keysElement, StringComparison.Ordinal));
        if (path.Length > 0)
            File.Move(path, Path.Combine(_folder, Path.GetFileName(path)));
        string[] arguments =
        [
            "-sf", "scenario.xml", "-t", "u1", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", $"{Port}", "-mp", $"{Ports.Free() & ~1}", "-m", "1", "-nostdin",
            "-timeout", "40s", "-timeout_error", "-trace_err", "-error_file", "errors", "-trace_logs", "-log_file", "log", .. more,
        ];
        _sipp = new("sipp", arguments, _folder);
    }

    public int Port { get; }

    /// <summary>Calls a port and plays a capture of keys (<see cref="KeyCapture"/>). It writes raw packets, so it takes root.</summary>
    public static SippKeys PlaysEvents(int port, string keys)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("sipp-capture-").FullName, "keys.pcap");
        KeyCapture.Write(path, keys);
        return new("sends-keys", Played("play_pcap_audio=\"keys.pcap\"", KeyCapture.MillisecondsOf(keys)), path, $"127.0.0.1:{port}");
    }

    /// <summary>Calls a port and plays tones.</summary>
    public static SippKeys PlaysTones(int port, string keys)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("sipp-tones-").FullName, "keys.ulaw");
        short[] sound = TouchTones.Make(keys, TonesBeginMs);
        byte[] octets = new byte[sound.Length];
        var gate = new StartGate();
        _ = new G711Codec(AudioCodec.Pcmu).CreateEncoder(gate).Encode(sound, octets);
        File.WriteAllBytes(path, octets);
        return new("sends-keys", Played("rtp_stream=\"keys.ulaw,1,0\"", sound.Length / 8), path, $"127.0.0.1:{port}");
    }

    /// <summary>Calls a port and sends an INFO for each key.</summary>
    public static SippKeys SendsInfo(int port, string keys)
    {
        var text = new StringBuilder();
        for (int i = 0; i < keys.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                <send retrans="500">
                  <![CDATA[

                    INFO [next_url] SIP/2.0
                    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
                    From: <sip:bob@[local_ip]>;tag=[pid]SIPp[call_number]
                    To: <sip:alice@[remote_ip]>[peer_tag_param]
                    Call-ID: [call_id]
                    CSeq: {i + 2} INFO
                    Contact: <sip:bob@[local_ip]:[local_port];transport=[transport]>
                    Max-Forwards: 70
                    Content-Type: application/dtmf-relay
                    Content-Length: [len]

                    Signal={keys[i]}
                    Duration=160

                  ]]>
                </send>
                <recv response="200"/>
                <pause milliseconds="{InfoIntervalMs}"/>

                """);
        }
        return new("sends-keys", text.ToString(), "", $"127.0.0.1:{port}");
    }

    /// <summary>Waits for a call, writes down keys of INFO, and gives back packets.</summary>
    public static SippKeys Takes()
    {
        var sipp = new SippKeys("takes-keys", "", "", "-rtp_echo");
        Ports.WaitFor(sipp.Port, isTcp: false, sipp._sipp);
        return sipp;
    }

    private static string Played(string what, int milliseconds) => $"<nop><action><exec {what}/></action></nop><pause milliseconds=\"{milliseconds + 500}\"/>";

    /// <summary>The keys of the INFO requests that it was sent.</summary>
    public string HeardKeys => string.Concat(
        File.ReadLines(Path.Combine(_folder, "log")).Where(line => line.Contains("Signal=", StringComparison.Ordinal)).Select(line => line.Split('=')[^1].Trim()));

    /// <summary>Its scenario went to its end.</summary>
    public void WaitForEnd()
    {
        int status = _sipp.WaitForExit(Limit);
        string errors = Path.Combine(_folder, "errors");
        Xunit.Assert.True(status == 0, $"sipp ended with {status}:\n{(File.Exists(errors) ? File.ReadAllText(errors) : _sipp.Text)}");
    }

    public void Dispose()
    {
        _sipp.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
