// The configuration of a baresip that answers every call at once, and has no sound card.

namespace SipEmbedded.Bench.Load;

internal static class BaresipFolder
{
    private const string Modules = "/usr/lib/baresip/modules";

    /// <summary>Writes it, and returns the folder.</summary>
    public static string Write(Layout layout, int port)
    {
        string folder = Path.Combine(layout.Built, "baresip");
        Directory.CreateDirectory(folder);
        // Each call has two ports of its own for as long as it lasts.
        File.WriteAllText(Path.Combine(folder, "config"), $"""
            sip_listen 127.0.0.1:{port}
            call_max_calls 4000
            rtp_ports 20000-60000
            module_path {Modules}
            module g711.so
            module_tmp account.so
            module_app menu.so

            """);
        // The user that the generator calls.
        File.WriteAllText(Path.Combine(folder, "accounts"), "<sip:service@127.0.0.1>;regint=0;answermode=auto\n");
        return folder;
    }
}
