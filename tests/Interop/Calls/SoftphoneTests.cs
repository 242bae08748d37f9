// The sample softphone as a process, told what to do line by line: against "doorphone answer", and two of it against each other.
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

public class SoftphoneTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private sealed class Softphone : IDisposable
    {
        private readonly ChildProcess _process;

        public Softphone(params IEnumerable<string> options)
        {
            Address = $"127.0.0.1:{Ports.Free()}";
            _process = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "softphone.dll"), "--listen", Address, .. options], isTold: true);
            _process.WaitForLine("listening on", Soon);
        }

        public string Address { get; }

        public void Tell(string line) => _process.Tell(line);

        public void Expect(string line) => _process.WaitForLine(line, Soon);

        public int End() => _process.WaitForExit(Soon);

        public void Dispose() => _process.Dispose();
    }

    [Fact]
    public void It_calls_holds_resumes_and_hangs_up_with_the_answering_agent()
    {
        using var answerer = new Answerer();
        using var phone = new Softphone();
        phone.Tell($"call sip:door@127.0.0.1:{answerer.Udp}");
        phone.Expect("1 calling");
        phone.Expect("1 Confirmed");
        phone.Tell("hold");
        phone.Expect("1 changed Hold 200");
        phone.Tell("list");
        phone.Expect(", last status 200, on hold");
        phone.Tell("resume");
        phone.Expect("1 changed Resume 200");
        phone.Tell("list");
        phone.Expect("ours     m=audio 40000 RTP/AVP 0 8 101");
        phone.Tell("hangup that is all");
        phone.Expect("1 ended ByUs 200");
        phone.Tell("quit");
        Assert.Equal(0, phone.End());
        Assert.Equal(1, answerer.Stop()["answer.CallsEnded"]);
    }

    [Fact]
    public void Two_of_them_call_each_other()
    {
        using var bob = new Softphone("--trust", "127.0.0.0/8");
        using var alice = new Softphone("--from", "sip:alice@example.com", "--name", "Alice", "--trust", "127.0.0.1");
        alice.Tell($"call sip:bob@{bob.Address}");
        bob.Expect("1 incoming from <sip:alice@example.com>");
        alice.Expect("1 progress 180");
        bob.Tell("answer");
        bob.Expect("1 Confirmed");
        alice.Expect("1 Confirmed");
        alice.Tell("key #");
        bob.Expect("1 key #");
        bob.Tell("text Who is there?");
        alice.Expect("1 text: Who is there?");
        bob.Tell("hold 1");
        bob.Expect("1 changed Hold 200");
        alice.Expect("1 MediaChanged");
        bob.Tell("hangup");
        alice.Expect("1 ended ByPeer 200");
        bob.Expect("1 ended ByUs 200");

        bob.Tell($"call sip:alice@{alice.Address}");
        alice.Expect("2 incoming from <sip:softphone@");
        alice.Tell("refuse 486");
        bob.Expect("2 ended Refused 486");
        alice.Tell("hold");
        alice.Expect("no: Gone");
        alice.Tell("sing");
        alice.Expect("call URI");
        // A call that lasts is hung up by whoever leaves.
        alice.Tell($"call sip:bob@{bob.Address}");
        bob.Expect("3 incoming");
        bob.Tell("answer 3");
        bob.Expect("3 Confirmed");
        alice.Expect("3 Confirmed");
        alice.Tell("quit");
        Assert.Equal(0, alice.End());
        bob.Expect("3 ended ByPeer 200");
        bob.Tell("quit");
        Assert.Equal(0, bob.End());
    }
}
