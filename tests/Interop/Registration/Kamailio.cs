// Debian's kamailio as a registrar or an edge proxy: bindings in its memory, which a restart forgets, and a look into them.
using System.Text.Json.Nodes;
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

/// <summary>What a registrar knows of one contact.</summary>
internal sealed record Binding(
    string Uri, int ExpiresSeconds, double Q, string CallId, int CSeq, string Path, string Instance, string UserAgent, string Socket)
{
    public bool IsTcp => Socket.StartsWith("tcp:", StringComparison.Ordinal);
}

/// <summary>A kamailio that runs from its making on; <see cref="Stop"/> and <see cref="Start"/> make it forget all.</summary>
internal sealed class Kamailio : IDisposable
{
    private const string NotSet = "[not set]";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly KamailioOptions _options;
    private readonly string _folder = Directory.CreateTempSubdirectory("kamailio-").FullName;
    private readonly KamailioControl _control;
    private ChildProcess? _process;

    public Kamailio(KamailioOptions? options = null)
    {
        _options = options ?? new();
        Port = _options.Port != 0 ? _options.Port : Ports.Free();
        _control = new(_folder);
        File.WriteAllText(ConfigPath, KamailioConfig.Text(_options, Port, _control.SocketPath));
        Start();
    }

    public int Port { get; }

    public string Address => _options.Address;

    /// <summary>Its address and port, as they stand in a URI.</summary>
    public string HostPort => $"{_options.Address}:{Port}";

    public bool IsRunning => _process is not null;

    private string ConfigPath => Path.Combine(_folder, "kamailio.cfg");

    public void Start()
    {
        File.Delete(_control.SocketPath);
        // In the foreground, with little memory, and its scratch files in its own folder.
        string[] arguments = ["-f", ConfigPath, "-DD", "-E", "-m", "16", "-M", "4", "-w", _folder, "-Y", _folder];
        string program = Peers.Find("kamailio")!;
        _process = _options.Namespace is { } network ? network.Start(program, arguments) : new(program, arguments);
        for (var end = DateTime.UtcNow + Limit; _control.TryCall("core.echo", "up") is null; Thread.Sleep(20))
            Assert.True(DateTime.UtcNow < end && !_process.HasExited, $"kamailio does not start:\n{_process.Text}");
    }

    /// <summary>Ends it: it answers no more, closes its connections and loses its memory.</summary>
    public void Stop()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.AskToEnd();
        // Some builds of it hang while they end.
        process.EndWithin(Limit);
        process.Dispose();
    }

    public void Restart()
    {
        Stop();
        Start();
    }

    /// <summary>The contacts of a user now, whose time is not over.</summary>
    public IReadOnlyList<Binding> BindingsOf(string user)
    {
        // It tells nothing of an address of record that it does not know.
        var answer = _control.TryCall("ul.lookup", "location", user) ?? throw new IOException("kamailio does not answer");
        var contacts = answer["result"]?["Contacts"]?.AsArray();
        return contacts is null ? [] : [.. contacts.Select(entry => Read(entry!["Contact"]!)).Where(binding => binding.ExpiresSeconds > 0)];
    }

    /// <summary>Forgets one contact, as an administrator does.</summary>
    public void Remove(string user, string contact) => _control.Call("ul.rm_contact", "location", user, contact);

    /// <summary>Gives a user another password from now on.</summary>
    public void SetPassword(string user, string password) => _control.Call("htable.sets", "passwords", user, password);

    /// <summary>REGISTERs received since it was started, whatever became of them.</summary>
    public long RegistersReceived => Statistic("core", "rcv_requests_register");

    /// <summary>REGISTERs that were obeyed since it was started, queries included.</summary>
    public long RegistersAccepted => Statistic("registrar", "accepted_regs");

    private long Statistic(string group, string name) => (long)_control.Call("stats.fetchn", $"{group}.{name}")![$"{group}.{name}"]!;

    private static Binding Read(JsonNode contact)
    {
        string TextOf(string name) => (string)contact[name]! is var text && text == NotSet ? "" : text;
        // It writes "permanent", "deleted" or "expired" for contacts without a time.
        int expires = contact["Expires"] is JsonValue value && value.TryGetValue(out int seconds) ? seconds : 0;
        return new(TextOf("Address"), expires, (double)contact["Q"]!, TextOf("Call-ID"), (int)contact["CSeq"]!, TextOf("Path"), TextOf("Instance"),
            TextOf("User-Agent"), TextOf("Socket"));
    }

    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }
}
