// A peer, seen through its shim (Shims/peer.h): a shared object of our own that calls the Debian library.

using System.Runtime.InteropServices;
using System.Text;

namespace SipEmbedded.Bench.Peers;

internal sealed unsafe class PeerLibrary
{
    // Mirrors struct peer_facts of Shims/peer.h, field for field.
    private const int MethodMax = 32;
    private const int CallIdMax = 128;

    [StructLayout(LayoutKind.Sequential)]
    private struct NativeFacts
    {
        public int Status;
        public int ViaCount;
        public int ContentLength;
        public int BodyBytes;
        public uint CSeq;
        public fixed byte Method[MethodMax];
        public fixed byte CSeqMethod[MethodMax];
        public fixed byte CallId[CallIdMax];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct NativeSdpFacts
    {
        public int MediaCount;
        public int FirstPort;
        public int FirstFormatCount;
    }

    private readonly delegate* unmanaged<byte*, nuint, NativeFacts*, int> _facts;
    private readonly delegate* unmanaged<byte*, nuint, NativeSdpFacts*, int> _sdpFacts;
    private readonly delegate* unmanaged<byte*, nuint, long, long> _full;
    private readonly delegate* unmanaged<byte*, nuint, long, long> _sdp;

    /// <summary>Opens the shim with local symbol scope and starts its library.</summary>
    /// <param name="path">The shim's shared object.</param>
    /// <param name="hasParser">False for the shim that only copies: it has no facts and no SDP.</param>
    /// <exception cref="DllNotFoundException">The shim or its library is missing.</exception>
    /// <exception cref="InvalidOperationException">The library did not start.</exception>
    public PeerLibrary(string path, bool hasParser)
    {
        nint handle = NativeLibrary.Load(path);
        int error = ((delegate* unmanaged<int>)NativeLibrary.GetExport(handle, "peer_init"))();
        if (error != 0)
            throw new InvalidOperationException($"{path}: the library did not start (error {error}).");

        _full = (delegate* unmanaged<byte*, nuint, long, long>)NativeLibrary.GetExport(handle, "peer_full");
        if (!hasParser)
            return;
        _sdp = (delegate* unmanaged<byte*, nuint, long, long>)NativeLibrary.GetExport(handle, "peer_sdp");
        _facts = (delegate* unmanaged<byte*, nuint, NativeFacts*, int>)NativeLibrary.GetExport(handle, "peer_facts");
        _sdpFacts = (delegate* unmanaged<byte*, nuint, NativeSdpFacts*, int>)NativeLibrary.GetExport(handle, "peer_sdp_facts");
    }

    /// <summary>Parses and frees the input again and again, in C.</summary>
    /// <returns>Nanoseconds in all; −1 when the library rejected it.</returns>
    public long Run(Work work, byte[] input, long iterations)
    {
        // osip2's SDP parser takes a C string; the others never look past the length.
        byte[] terminated = [.. input, 0];
        fixed (byte* bytes = terminated)
            return (work == Work.Sdp ? _sdp : _full)(bytes, (nuint)input.Length, iterations);
    }

    /// <summary>What the library found in the message, from its own structures; null when it rejected it.</summary>
    public MessageFacts? ReadFacts(byte[] message)
    {
        NativeFacts facts;
        byte[] terminated = [.. message, 0];
        fixed (byte* bytes = terminated)
            if (_facts(bytes, (nuint)message.Length, &facts) != 0)
                return null;
        return new MessageFacts(
            facts.Status, Text(facts.Method, MethodMax), Text(facts.CallId, CallIdMax), facts.CSeq,
            Text(facts.CSeqMethod, MethodMax), facts.ViaCount, facts.ContentLength, facts.BodyBytes);
    }

    /// <summary>What the library found in the SDP body; null when it rejected it.</summary>
    public SdpFacts? ReadSdpFacts(byte[] body)
    {
        NativeSdpFacts facts;
        byte[] terminated = [.. body, 0];
        fixed (byte* bytes = terminated)
            if (_sdpFacts(bytes, (nuint)body.Length, &facts) != 0)
                return null;
        return new SdpFacts(facts.MediaCount, facts.FirstPort, facts.FirstFormatCount);
    }

    private static string Text(byte* text, int capacity)
    {
        ReadOnlySpan<byte> bytes = new(text, capacity);
        return Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }
}
