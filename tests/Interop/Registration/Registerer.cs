// "doorphone register" under test: its configuration, what it tells as JSON lines, its end.
using System.Text.Json.Nodes;
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

/// <summary>A device's registrations as a process.</summary>
internal sealed class Registerer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("registerer-").FullName;

    // Events that were looked at, by account.
    private readonly Dictionary<string, int> _seen = [];

    /// <param name="configuration">The file's text.</param>
    /// <param name="options">Further options of the command.</param>
    public Registerer(string configuration, params string[] options)
        : this(configuration, null, options)
    {
    }

    public Registerer(string configuration, NetworkNamespace? network, params string[] options)
    {
        File.WriteAllText(ConfigurationPath, configuration);
        string[] arguments = ["register", "--config", ConfigurationPath, "--json", .. options];
        Process = network is null ? ChildProcess.DoorPhone(arguments) : network.Start("dotnet", [ChildProcess.ProgramPath, .. arguments]);
        UdpPort = PortOf("listening on udp");
        TcpPort = PortOf("listening on tcp");
    }

    public ChildProcess Process { get; }

    public int UdpPort { get; }

    public int TcpPort { get; }

    private string ConfigurationPath => Path.Combine(_folder, "doorphone.json");

    private int PortOf(string text)
    {
        string line = (string)JsonNode.Parse(Process.WaitForLine(text, StartLimit))!["text"]!;
        return int.Parse(line[(line.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>What it has told so far of an account; of the first, without a name.</summary>
    public List<JsonNode> News(string account = "alice") =>
        [.. Process.Lines.Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!).Where(news => (string?)news["account"] == account)];

    /// <summary>The next event of an account that is like this, behind those that were waited for before; fails where none comes in time.</summary>
    public JsonNode WaitFor(Func<JsonNode, bool> isLike, TimeSpan limit, string account = "alice")
    {
        var end = DateTime.UtcNow + limit;
        while (true)
        {
            var news = News(account);
            int from = _seen.GetValueOrDefault(account);
            for (int i = from; i < news.Count; i++)
            {
                if (!isLike(news[i]))
                    continue;
                _seen[account] = i + 1;
                return news[i];
            }
            if (DateTime.UtcNow > end || Process.HasExited)
                Assert.Fail($"{account} did not tell it within {limit.TotalSeconds} s:\n{Process.Text}");
            Thread.Sleep(20);
        }
    }

    /// <summary>The next 2xx to a REGISTER that registered.</summary>
    public JsonNode WaitForRegistered(TimeSpan limit, string account = "alice") => WaitFor(IsRegistered, limit, account);

    public static bool IsRegistered(JsonNode news) => (string?)news["outcome"] == "done" && (string?)news["verb"] == "register";

    public static bool IsChallenged(JsonNode news) => (string?)news["outcome"] == "continues" && (int?)news["status"] is 401 or 407;

    /// <summary>Gives it another configuration.</summary>
    public void Reload(string configuration)
    {
        File.WriteAllText(ConfigurationPath, configuration);
        Process.AskToReload();
    }

    /// <summary>Ctrl-C, and its exit status.</summary>
    public int Stop()
    {
        Process.AskToStop();
        return WaitForEnd();
    }

    public int WaitForEnd() => Process.WaitForExit(EndLimit);

    public void Dispose()
    {
        Process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
