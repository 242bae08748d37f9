// Where a response goes (RFC 3261 §18.2.1 and §18.2.2, RFC 3581 §4), and what the server writes into the Via of its request.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Transport;

/// <summary>
/// What is added to the top Via of a request when it is copied into a response: the address it came from where sent-by says another, and the port where
/// the client asked for it.
/// </summary>
public readonly struct ViaStamp
{
    internal ViaStamp(bool addsReceived, bool fillsPort, in IpEndpoint source)
    {
        AddsReceived = addsReceived;
        FillsPort = fillsPort;
        Source = source;
    }

    public bool AddsReceived { get; }

    public bool FillsPort { get; }

    public IpEndpoint Source { get; }

    /// <summary>
    /// The stamp for a request that came on <paramref name="flow"/>. RFC 3261 §18.2.1: received where sent-by holds a name or another address; RFC 3581
    /// §4: always where there is an rport, which is filled.
    /// </summary>
    public static ViaStamp Of(ReadOnlySpan<byte> text, in Via via, in Flow flow)
    {
        bool asks = via.ResponsePort.IsPresent;
        bool isSame = IpEndpoint.TryRead(via.Host.In(text), 0, out var sentBy) && sentBy.Address == flow.Remote.Address;
        return new(asks || !isSame, asks, flow.Remote);
    }

    /// <summary>
    /// Writes the Via value of <paramref name="text"/> with the stamp. A received that the client wrote itself is left out: it would send the answer
    /// elsewhere.
    /// </summary>
    public void Write(ref ByteWriter writer, scoped ReadOnlySpan<byte> text, scoped in Via via)
    {
        var all = via.Extent;
        int at = all.Offset;
        if (AddsReceived && via.Received.IsPresent)
        {
            // From the semicolon before the name to the end of the value.
            int start = via.Received.Offset;
            while (start > at && text[start] != ';')
                start--;
            CopyWithPort(ref writer, text, via, at, start);
            at = via.Received.End;
        }
        CopyWithPort(ref writer, text, via, at, all.End);
        if (!AddsReceived)
            return;
        writer.Write(";received="u8);
        // Without brackets, as RFC 3261's grammar has it (RFC 5118 §4.5).
        Source.WriteAddress(ref writer);
    }

    private void CopyWithPort(ref ByteWriter writer, scoped ReadOnlySpan<byte> text, scoped in Via via, int start, int end)
    {
        var port = via.ResponsePort;
        if (!FillsPort || port.Offset < start || port.Offset > end || port.End > end)
        {
            writer.Write(text[start..end]);
            return;
        }
        int name = port.IsEmpty ? port.Offset : port.Offset - 1;
        while (text[name] is (byte)'=' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            name--;
        writer.Write(text[start..(port.IsEmpty ? port.Offset : name + 1)]);
        writer.Write((byte)'=');
        writer.Write((ulong)Source.Port);
        writer.Write(text[port.End..end]);
    }
}

/// <summary>The rules by which a server finds the way back.</summary>
public static class ResponseRoute
{
    /// <summary>Ports where a Via names none (RFC 3261 §18.2.2).</summary>
    public const ushort DefaultPort = 5060;

    public const ushort DefaultTlsPort = 5061;

    /// <summary>
    /// The flow for the responses to a request that came on <paramref name="from"/>. On a stream it is the same connection; should that be gone, a new
    /// one goes to the source's address and sent-by's port. False where the Via leads nowhere: its maddr is a name, its port 0.
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> text, in Via via, in Flow from, TransportOptions options, out Flow target)
    {
        ushort port = via.Port ?? (from.Protocol == Protocol.Tls ? DefaultTlsPort : DefaultPort);
        target = from;
        if (from.IsReliable)
        {
            target = new(from.Protocol, from.Local, from.Remote.WithPort(port), from.Connection);
            return true;
        }
        if (options.HonoursMulticastAddress && via.MulticastAddress.IsPresent)
        {
            if (!IpEndpoint.TryRead(via.MulticastAddress.In(text), port, out var group))
                return false;
            target = new(from.Protocol, from.Local, group);
        }
        else if (!via.ResponsePort.IsPresent && !options.AnswersToSource)
            target = new(from.Protocol, from.Local, from.Remote.WithPort(port));
        return target.Remote.Port != 0;
    }
}
