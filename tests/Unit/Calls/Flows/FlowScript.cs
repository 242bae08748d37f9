// A flow as a document: a title, what it is about, what is done, and what is seen: the ladder and what both users are told. This reads it, does it, and writes down
// what was seen in the same form.
//
//     does    a line each, at one moment unless it waits:
//         latency 50                                         one way, in milliseconds
//         proxy proxy1[, challenges | records no route | is dead | redirects to proxy2]
//         alice has an account                               with credentials for every proxy
//         both: reliable off | session 90                    before anybody calls
//         alice calls bob [without an offer] [by name] [for 20 s]
//         bob rings 180 | bob rings 183 with media | bob answers | bob refuses 486
//         alice holds | resumes | re-invites | updates | renews her contact | writes | hangs up
//         lose the next bob 200                              by whom and what
//         wait 500                                           milliseconds
//     sees    time in milliseconds, who stands where, an arrow for each message, x where one was lost
//     tells   what each user was told
using System.Globalization;
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.SessionTimers;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

internal sealed class FlowScript
{
    private const int ColumnOctets = 24;

    private readonly List<FlowProxy> _proxies = [];
    private readonly List<string> _losses = [];
    private readonly CallBench _bench;
    private readonly bool _hasAccount;
    private Handle<Account> _account;

    private FlowScript(string title, string[] does, string sees)
    {
        Title = title;
        Does = does;
        Sees = sees;
        _hasAccount = does.Contains("alice has an account") || Array.Exists(does, line => line.Contains("redirects", StringComparison.Ordinal))
            || Array.Exists(does, line => line.EndsWith("by name", StringComparison.Ordinal));
        var options = new CallOptions
        {
            Reliable = does.Contains("both: reliable off") ? ReliableMode.Off : ReliableMode.Optional,
            SessionTimer = does.Contains("both: session 90") ? new() { Mode = SessionTimerMode.Optional, IntervalSeconds = 90 } : new() { Mode = SessionTimerMode.Off },
        };
        _bench = new(options, options, hasAccounts: _hasAccount) { Loses = (what, _) => _losses.Remove(what) };
    }

    public string Title { get; }

    public string[] Does { get; }

    /// <summary>What the document says is seen: the ladder, and what the users are told.</summary>
    public string Sees { get; }

    public static FlowScript Read(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        string[] parts = text.Split("\ndoes\n");
        string[] rest = parts[1].Split("\nsees\n");
        string[] does = [.. rest[0].Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return new(parts[0].Split('\n')[0], does, rest[1].TrimEnd());
    }

    /// <summary>Does it, and says what was seen; then everybody hangs up, and nothing may be left.</summary>
    public string Play()
    {
        foreach (string line in Does)
            Do(line);
        _bench.Pass(0);
        string seen = Draw();
        _bench.Loses = null;
        _bench.Alice.Calls.HangUpAll(_bench.Now);
        _bench.Bob.Calls.HangUpAll(_bench.Now);
        _bench.Pass(120);
        if (_hasAccount)
            _bench.Alice.Agent.Accounts!.Destroy(_account, isForced: true);
        _bench.Pass(700);
        Assert.True(_bench.Alice.Agent.Use.IsEmpty, _bench.Alice.Agent.Use.ToString());
        Assert.True(_bench.Bob.Agent.Use.IsEmpty, _bench.Bob.Agent.Use.ToString());
        return seen;
    }

    // ---- What is done ---------------------------------------------------------------------------------------------------------------------

    private void Do(string line)
    {
        string[] words = line.Split(' ');
        switch (words[0])
        {
            case "latency":
                _bench.LatencyMs = Number(words[1]);
                break;
            case "wait":
                _bench.Until(_bench.NowMs + Number(words[1]));
                break;
            case "lose":
                _losses.Add(string.Join(' ', words[3..]));
                break;
            case "proxy":
                AddProxy(line["proxy ".Length..]);
                break;
            case "both:":
                break;
            case "alice" when words[1] == "has":
                AddAccount();
                break;
            case "alice" when words[1] == "calls":
                Call(line);
                break;
            default:
                Command(words[0] == "alice" ? _bench.Alice : _bench.Bob, line);
                break;
        }
        _bench.Settle();
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static IpEndpoint AddressOf(string proxy) => IpEndpoint.V4(0xC000020A + (uint)(proxy[^1] - '0'), 5060);

    private void AddProxy(string words)
    {
        string[] parts = words.Split(", ");
        var proxy = new FlowProxy(parts[0], AddressOf(parts[0]))
        {
            RecordsRoute = !parts.Contains("records no route"),
            Challenges = parts.Contains("challenges"),
            IsDead = parts.Contains("is dead"),
            RedirectsTo = Array.Find(parts, part => part.StartsWith("redirects to ", StringComparison.Ordinal)) is { } to ? AddressOf(to) : null,
            Next = CallBench.BobsAddress,
        };
        if (_proxies.Count > 0 && _proxies[^1].RedirectsTo is null)
            _proxies[^1].Next = proxy.Own;
        _proxies.Add(proxy);
        _bench.Proxies.Add(proxy.Own, proxy);
    }

    private void AddAccount()
    {
        var accounts = _bench.Alice.Agent.Accounts!;
        Assert.Equal(AccountResult.Done, accounts.TryCreate(new() { AddressOfRecord = "sip:alice@192.0.2.1"u8 }, out _account));
        foreach (var proxy in _proxies)
            Assert.Equal(AccountResult.Done, accounts.SetCredentials(_account, Encoding.ASCII.GetBytes(proxy.Name), "alice"u8, "secret"u8));
    }

    private void Call(string line)
    {
        bool isByName = line.EndsWith("by name", StringComparison.Ordinal);
        if (isByName)
        {
            string hosts = string.Concat(_proxies.Select(proxy => $"192.0.2.{(byte)proxy.Own.Address} sip.example.net\n"));
            _bench.Alice.Agent.HandleHosts(_bench.Now, Encoding.ASCII.GetBytes(hosts));
        }
        var first = _proxies.Count > 0 ? _proxies[0].Own : CallBench.BobsAddress;
        var result = _bench.Alice.Calls.Place(
            _bench.Now,
            new()
            {
                Target = isByName ? "sip:bob@sip.example.net:5060;transport=udp"u8 : "sip:bob@192.0.2.2"u8,
                From = "sip:alice@192.0.2.1"u8,
                Account = _account,
                Flow = isByName ? default : new(Protocol.Udp, CallBench.AlicesAddress, first),
                IsOfferless = line.Contains("without an offer", StringComparison.Ordinal),
                ExpiresSeconds = line.Contains(" for ", StringComparison.Ordinal) ? (uint)Number(line.Split(" for ")[1].Split(' ')[0]) : 0,
            },
            out var call);
        Assert.Equal(CallResult.Done, result);
        _bench.Alice.Call = call;
    }

    private void Command(CallSide side, string line)
    {
        var calls = side.Calls;
        string[] words = line.Split(' ');
        var result = words[1] switch
        {
            "rings" => calls.Answer(_bench.Now, side.Call, Number(words[2]), withMedia: line.EndsWith("with media", StringComparison.Ordinal)),
            "answers" => calls.Answer(_bench.Now, side.Call, 200),
            "refuses" => calls.Answer(_bench.Now, side.Call, Number(words[2])),
            "holds" => calls.Hold(_bench.Now, side.Call),
            "resumes" => calls.Resume(_bench.Now, side.Call),
            "re-invites" => calls.Reinvite(_bench.Now, side.Call),
            "updates" => calls.Update(_bench.Now, side.Call, withMedia: true),
            "renews" => calls.Update(_bench.Now, side.Call, withMedia: false),
            "writes" => calls.SendText(_bench.Now, side.Call, "hello"u8),
            "hangs" => calls.HangUp(_bench.Now, side.Call),
            _ => throw new FormatException(line),
        };
        Assert.True(result == CallResult.Done, $"{line}: {result}\n{Draw()}");
    }

    // ---- What is seen ---------------------------------------------------------------------------------------------------------------------

    private string Draw()
    {
        var columns = new List<IpEndpoint> { CallBench.AlicesAddress };
        columns.AddRange(_proxies.Select(proxy => proxy.Own));
        columns.Add(CallBench.BobsAddress);
        string[] names = ["alice", .. _proxies.Select(proxy => proxy.Name), "bob"];
        var text = new StringBuilder();
        char[] head = Blank(columns.Count, ' ');
        for (int i = 0; i < names.Length; i++)
            names[i].CopyTo(0, head, Place(i), names[i].Length);
        text.Append(Line("", head));
        foreach (var (ms, from, to, what, isLost) in _bench.Journal)
        {
            char[] line = Blank(columns.Count, '|');
            DrawArrow(line, Place(columns.IndexOf(from)), Place(columns.IndexOf(to)), what, isLost);
            text.Append(Line(ms.ToString(CultureInfo.InvariantCulture), line));
        }
        text.Append("\ntells\n").Append(Tells(_bench.Alice)).Append(Tells(_bench.Bob));
        return text.ToString().TrimEnd();
    }

    private static int Place(int column) => column * ColumnOctets;

    private static string Line(string time, char[] line) => $"{time,8}   {new string(line).TrimEnd()}\n";

    private static char[] Blank(int columns, char mark)
    {
        char[] line = [.. Enumerable.Repeat(' ', (columns - 1) * ColumnOctets + ColumnOctets)];
        for (int i = 0; i < columns; i++)
            line[Place(i)] = mark;
        return line;
    }

    // From one column to another, over those between; what is lost does not arrive.
    private static void DrawArrow(char[] line, int from, int to, string what, bool isLost)
    {
        int left = Math.Min(from, to) + 1, right = Math.Max(from, to) - 1;
        for (int i = left; i <= right; i++)
            line[i] = '-';
        bool isRight = to > from;
        int end = isRight ? right : left;
        if (isLost)
        {
            int lost = isRight ? right - ColumnOctets / 6 : left + ColumnOctets / 6;
            for (int i = lost; isRight ? i <= right : i >= left; i += isRight ? 1 : -1)
                line[i] = ' ';
            end = lost;
        }
        line[end] = isLost ? 'x' : isRight ? '>' : '<';
        string label = $" {what} ";
        label.CopyTo(0, line, left + (right - left + 1 - label.Length) / 2, label.Length);
    }

    private static string Tells(CallSide side)
    {
        var told = side.Events.Select(one =>
        {
            string what = one.Kind.ToString();
            if (one.Kind is CallEventKind.Changed)
                what += $" {one.Change}";
            if (one.Kind is CallEventKind.Ended)
                what += $" {one.End}";
            return one.Status == 0 ? what : $"{what} {one.Status}";
        });
        return $"    {side.Name}: {string.Join(", ", told)}\n";
    }
}
