// A hundred thousand refreshes put nothing on the heap: the requests, the answers with all that a registrar may say in them, the events, the keep-alives.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Registration;

public class AllocationTests
{
    private const int Refreshes = 100_000;

    // Until every path has run once: a branch that runs for the first time may be compiled then.
    private const int WarmUp = 2_000;

    [Theory]
    [InlineData(Protocol.Udp)]
    [InlineData(Protocol.Tcp)]
    public void A_hundred_thousand_refreshes_allocate_nothing(Protocol protocol)
    {
        var device = new Device(protocol);
        device.Run(WarmUp);
        long before = HeapCount.Begin();
        device.Run(Refreshes);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(WarmUp + Refreshes, device.Granted);
        Assert.True(device.Challenged > Refreshes / 4);
    }

    /// <summary>A device and its registrar, which writes its answers without a heap as well: a nonce is good for three requests.</summary>
    private sealed class Device
    {
        private readonly SipAgent _agent;
        private readonly Handle<Account> _account;
        private readonly byte[] _sent = new byte[65535];
        private readonly byte[] _answer = new byte[4096];
        private Instant _now;
        private int _sentLength;
        private Flow _flow;
        private uint _nonce;
        private int _uses;

        public int Granted { get; private set; }

        public int Challenged { get; private set; }

        public Device(Protocol protocol)
        {
            var gate = new StartGate();
            _agent = new(
                gate,
                new()
                {
                    Registration = new() { Accounts = 1 },
                    Transport = new() { ListeningPoints = [new(Protocol.Udp, AccountBench.Ours), new(Protocol.Tcp, AccountBench.Ours)] },
                },
                new Element.CountingEntropy());
            gate.Close();
            var settings = new AccountSettings
            {
                Server = protocol == Protocol.Tcp ? "sip:192.0.2.2;transport=tcp"u8 : "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8,
                Instance = "urn:uuid:00000000-0000-1000-8000-000A95A0E128"u8, KeepAliveInterval = TimeSpan.FromSeconds(25),
            };
            Assert.Equal(AccountResult.Done, _agent.Accounts!.TryCreate(settings, out _account));
            _agent.Accounts.SetCredentials(_account, "house"u8, "door"u8, "secret"u8);
            _agent.Accounts.Register(_now, _account, isAutomatic: true);
        }

        public void Run(int refreshes)
        {
            for (int end = Granted + refreshes; Granted < end;)
            {
                var due = _agent.PollTimeout();
                _now = due > _now ? due : _now;
                _agent.HandleTimeout(_now);
                Drain();
                if (_sentLength > 0)
                    Answer();
            }
        }

        private void Drain()
        {
            while (_agent.PollTransmit(_sent, out var transmit))
            {
                var octets = _sent.AsSpan(0, transmit.Length);
                if (transmit.Kind == TransmitKind.Connect)
                    _flow = transmit.Flow;
                else if (octets.StartsWith("REGISTER"u8))
                    (_sentLength, _flow) = (transmit.Length, transmit.Flow);
            }
            if (!_agent.PollEvent(out var told) || told.Kind != AgentEventKind.Registration)
                return;
            if (told.Registration.Outcome == RegistrationOutcome.Done)
                Granted++;
            else if (told.Registration.Status == 401)
                Challenged++;
        }

        private void Answer()
        {
            var request = _sent.AsSpan(0, _sentLength);
            _sentLength = 0;
            bool isGood = request.IndexOf(Nonce()) >= 0 && _uses++ < 3;
            var writer = new SipEmbedded.Text.ByteWriter(_answer);
            writer.Write(isGood ? "SIP/2.0 200 OK\r\n"u8 : "SIP/2.0 401 Unauthorized\r\n"u8);
            foreach (var range in Copied)
                writer.Write(LineOf(request, range));
            if (isGood)
            {
                var contact = LineOf(request, "Contact: "u8);
                writer.Write(contact[..^2]);
                writer.Write(";expires=60\r\nService-Route: <sip:home.example.com;lr>\r\nFlow-Timer: 25\r\nRequire: outbound\r\n"u8);
            }
            else
            {
                _nonce++;
                _uses = 0;
                writer.Write("WWW-Authenticate: Digest realm=\"house\", algorithm=SHA-256, qop=\"auth\", stale=true, "u8);
                writer.Write(Nonce());
                writer.Write("\r\n"u8);
            }
            writer.Write("Content-Length: 0\r\n\r\n"u8);
            if (_flow.IsReliable)
                _agent.HandleStreamBytes(_now, _flow.Connection, writer.WrittenSpan);
            else
                _agent.HandleDatagram(_now, _flow, writer.WrittenSpan);
            Drain();
        }

        private readonly byte[] _nonceText = new byte[32];

        private ReadOnlySpan<byte> Nonce()
        {
            var writer = new SipEmbedded.Text.ByteWriter(_nonceText);
            writer.Write("nonce=\"n"u8);
            writer.Write((ulong)_nonce);
            writer.Write((byte)'"');
            return _nonceText.AsSpan(0, writer.Written);
        }

        private static readonly byte[][] Copied = [.. new[] { "Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: " }.Select(Encoding.ASCII.GetBytes)];

        private static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name)
        {
            int start = message.IndexOf(name);
            return message.Slice(start, message[start..].IndexOf("\r\n"u8) + 2);
        }
    }
}
