// A softphone without sound, in one file. It registers where it is told to, and calls, answers, refuses, holds, presses keys, writes texts and hangs up by commands
// on its standard input. From top to bottom: a supplement, the start, what happens, what is typed.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Generation;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.Registration;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Samples;

// A supplement takes part in every call. This one adds a header to every INVITE, in ten lines.
[Supplement(Method = "INVITE", Order = 10)]
public sealed class MarksInvites
{
    public void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request) => request.Header("X-Phone"u8, "softphone"u8);
}

[SupplementChain(typeof(MarksInvites))]
public sealed partial class PhoneSupplements;

// ---- The start ----------------------------------------------------------------------------------------------------------------------------

internal static class Program
{
    private const string Usage = """
        softphone --listen ADDRESS:PORT [--from URI] [--register URI --user USER --password PASSWORD] [--trust PEER --name NAME]
          --trust  a proxy that is told who calls, with NAME, and is believed when it says so: an address, or a prefix as 192.0.2.0/24
        """;

    public static int Main(string[] arguments)
    {
        var options = arguments.Chunk(2).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
        if (!System.Net.IPEndPoint.TryParse(options.GetValueOrDefault("--listen", ""), out var listen) || arguments.Length % 2 != 0
            || !IpEndpoint.TryRead(Phone.Octets(listen.Address.ToString()), (ushort)listen.Port, out var own))
            return Fail(Usage);
        // All memory is taken here, and the gate closes: from then on nothing of the stack allocates.
        var gate = new StartGate();
        using var host = new SipHost(gate, new() { Udp = [own], Tcp = [own], HandlesSignals = true });
        host.Open();
        if (!host.UdpSockets[0].IsOpen || !host.TcpListeners[0].IsOpen)
            return Fail($"cannot listen on {listen}");
        var audio = new AudioSessions(gate, sessions: 8, firstPort: 40000);
        var all = new SipAgentOptions
        {
            Transport = new() { ListeningPoints = [new(Protocol.Udp, own), new(Protocol.Tcp, own)] },
            Transactions = new() { AllowedMethods = [Method.Invite, Method.Bye, Method.Options, Method.Info, Method.Message, Method.Update, Method.Prack] },
            Registration = new(),
            Calls = new()
            {
                Calls = 8, Product = "softphone", Supplements = new PhoneSupplements(),
                // Its audio is agreed on, and nobody sends any.
                Streams = [new AudioStreamHandler(new(), audio)],
                Trusted = options.TryGetValue("--trust", out string? peer) ? [peer] : [],
            },
        };
        var agent = new SipAgent(gate, all, new KernelEntropy(), host.Addresses);
        gate.Close();
        var phone = new Phone(agent, host, options);
        if (phone.Start(host.Now) is not AccountResult.Done and var result)
            return Fail($"cannot register: {result}");
        Console.WriteLine($"listening on {listen}");
        host.Run(phone, phone);
        return 0;
    }

    private static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}

// ---- The phone: between the host and the agent, told of each event, asked for each line ---------------------------------------------------------

internal sealed class Phone(SipAgent agent, SipHost host, Dictionary<string, string> options) : AgentUser(agent), IHostApplication, IDescriptorHandler
{
    private const int StandardInput = 0;

    private readonly Stream _input = Console.OpenStandardInput();
    private readonly byte[] _line = new byte[1024];
    private readonly Dictionary<ulong, Handle<Call>> _calls = [];
    private Handle<DescriptorWatch> _watch;
    private Handle<Account> _account;
    private ulong _last;
    private int _length;

    private CallLayer Calls => Agent.Calls!;
    private byte[] From => Octets(options.GetValueOrDefault("--from", $"sip:softphone@{options["--listen"]}"));

    public AccountResult Start(Instant now)
    {
        host.Loop.TryWatch(StandardInput, DescriptorEvents.Readable, this, token: 0, out _watch);
        if (!options.TryGetValue("--register", out string? registrar))
            return AccountResult.Done;
        var accounts = Agent.Accounts!;
        var result = accounts.TryCreate(new() { AddressOfRecord = From, Server = Octets(registrar) }, out _account);
        if (result == AccountResult.Done && options.TryGetValue("--user", out string? user))
            result = accounts.SetCredentials(_account, default, Octets(user), Octets(options.GetValueOrDefault("--password", "")));
        return result == AccountResult.Done ? accounts.Register(now, _account, isAutomatic: true) : result;
    }

    // ---- What happens -----------------------------------------------------------------------------------------------------------------------

    protected override void React(Instant now, in AgentEvent happened)
    {
        if (happened.Kind == AgentEventKind.Registration)
            Console.WriteLine($"registration: {happened.Registration.Verb} {happened.Registration.Outcome} {happened.Registration.Status}");
        else if (happened.Kind == AgentEventKind.Call)
            React(now, happened.Call);
        else if (happened.Kind == AgentEventKind.Transaction && happened.Transaction.Kind == TransactionEventKind.Request)
        {
            // A text outside of any call; all else is the calls' or refused before it comes here.
            Console.WriteLine($"text: {Text(Agent.Message.Body)}");
            Agent.Respond(now, happened.Transaction.Server, 200);
        }
    }

    private void React(Instant now, in CallEvent told)
    {
        if (told.Kind == CallEventKind.Incoming)
        {
            Calls.SetUser(told.Call, ++_last);
            _calls.Add(_last, told.Call);
            bool isKnown = Calls.TryGetCaller(told.Call, out var caller) && caller.Withheld == WithheldIdentity.None;
            Console.WriteLine($"{_last} incoming from {(isKnown ? $"{Text(caller.DisplayName)} <{Text(caller.Uri)}>".TrimStart() : "somebody")}");
            Calls.Answer(now, told.Call, 180);
            return;
        }
        if (told.Kind == CallEventKind.Ended)
            _calls.Remove(told.User);
        else if (told.Kind == CallEventKind.Request)
            Agent.Respond(now, told.Server, 501);
        Console.WriteLine($"{told.User} " + told.Kind switch
        {
            CallEventKind.Progress => $"progress {told.Status}{(told.HasMedia ? " with media" : "")}",
            CallEventKind.Changed => $"changed {told.Change} {told.Status}",
            CallEventKind.Digit => $"key {(char)told.Digit}",
            CallEventKind.Text => $"text: {Text(Agent.Message.Body)}",
            CallEventKind.RequestEnded => $"{told.Method} {told.Status}",
            CallEventKind.Ended => $"ended {told.End} {told.Status}",
            _ => told.Kind.ToString(),
        });
    }

    // ---- What is typed ------------------------------------------------------------------------------------------------------------------------

    /// <summary>The loop found the standard input readable: what is there is read, without waiting for more, and each whole line is done.</summary>
    public void HandleReady(Instant now, int token, DescriptorEvents events)
    {
        int read = _input.Read(_line, _length, _line.Length - _length);
        _length += read;
        while (_line.AsSpan(0, _length).IndexOf((byte)'\n') is >= 0 and var end)
        {
            string line = Text(_line.AsSpan(0, end)).Trim();
            _line.AsSpan(end + 1, _length - end - 1).CopyTo(_line);
            _length -= end + 1;
            if (line.Length > 0)
                Console.WriteLine(Do(now, line));
        }
        _length %= _line.Length;
        // Nobody types any more.
        if (read > 0)
            return;
        host.Loop.Unwatch(_watch);
        host.RequestStop();
    }

    // A call's number may follow the command, as in "hold 2"; else it is the last call that is meant.
    private const string Commands = "call URI, answer, refuse [STATUS], hold, resume, key KEY, text WORDS, hangup [WHY], list, quit";

    private string Do(Instant now, string line)
    {
        string command = line.Split(' ')[0], rest = line[command.Length..].Trim(), first = rest.Split(' ')[0];
        bool isNumbered = ulong.TryParse(first, out ulong number) && _calls.ContainsKey(number) && (command != "key" || rest.Length > first.Length);
        var call = _calls.GetValueOrDefault(isNumbered ? number : _last);
        rest = isNumbered ? rest[first.Length..].Trim() : rest;
        return command switch
        {
            "call" => Place(now, Octets(rest)),
            "answer" => Said(Calls.Answer(now, call, 200)),
            "refuse" => Said(Calls.Answer(now, call, int.TryParse(rest, out int status) ? status : 603)),
            "hold" => Said(Calls.Hold(now, call)),
            "resume" => Said(Calls.Resume(now, call)),
            "hangup" => Said(Calls.HangUp(now, call, 0, Octets(rest))),
            "key" when rest.Length == 1 => Said(Calls.SendDigit(now, call, (byte)rest[0], TimeSpan.FromMilliseconds(160))),
            "text" => Said(Calls.SendText(now, call, Octets(rest))),
            "list" => List(now),
            "quit" => Quit(),
            _ => Commands,
        };
    }

    private string Place(Instant now, ReadOnlySpan<byte> target)
    {
        var request = new CallRequest
        {
            Target = target, Account = _account, From = From, ExpiresSeconds = 60, User = _last + 1,
            IdentityUri = From, IdentityName = Octets(options.GetValueOrDefault("--name", "")),
        };
        var result = Calls.Place(now, request, out var call);
        if (result != CallResult.Done)
            return Said(result);
        _calls.Add(++_last, call);
        return $"{_last} calling";
    }

    private string List(Instant now)
    {
        var lines = new StringBuilder($"{Calls.Count} calls\n");
        byte[] room = new byte[8192];
        foreach (var (number, call) in _calls)
            lines.Append($"{number} {Text(room.AsSpan(0, Calls.Dump(now, call, room, withMedia: true)))}");
        return lines.ToString().TrimEnd();
    }

    private static string Said(CallResult result) => result == CallResult.Done ? "done" : $"no: {result}";

    // ---- The end ------------------------------------------------------------------------------------------------------------------------------

    private string Quit()
    {
        // Asked twice a host does not wait for what is still to be said.
        host.Loop.Unwatch(_watch);
        host.RequestStop();
        return "bye";
    }

    public void HandleStop(Instant now)
    {
        Calls.HangUpAll(now);
        if (_account.IsSome)
            Agent.Accounts!.Unregister(now, _account);
    }

    public bool IsDrained => Calls.Count == 0
        && (!_account.IsSome || Agent.Accounts!.TryGetInfo(host.Now, _account, out var info) && info.State != RegistrationState.Registered);

    public void HandleReload(Instant now) { }

    public static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);
    public static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);
}
