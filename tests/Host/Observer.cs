// Writes down what passes.
using System.Collections.Concurrent;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host.Tests;

internal sealed class Observer : ITrafficObserver
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void Sent(Instant now, in Flow flow, ReadOnlySpan<byte> octets) => Write("out", flow, octets);

    public void Received(Instant now, in Flow flow, ReadOnlySpan<byte> octets) => Write("in", flow, octets);

    public void Closed(in Flow flow) => Write("end", flow, default);

    private void Write(string way, in Flow flow, ReadOnlySpan<byte> octets) =>
        Lines.Enqueue($"{way} {TestEngine.Show(flow.Local)} {TestEngine.Show(flow.Remote)} {Convert.ToHexString(octets)}");
}
