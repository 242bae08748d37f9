// Randomness for tags, branches and keys (RFC 3261 §19.3). From the kernel itself: .NET's generator would load OpenSSL for it.
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>getrandom(2). On a device that has just started it waits until the kernel has gathered enough.</summary>
public sealed class KernelEntropy : IEntropySource
{
    public unsafe void Fill(Span<byte> octets)
    {
        fixed (byte* first = octets)
        {
            int filled = 0;
            while (filled < octets.Length)
            {
                nint count = Libc.GetRandom(first + filled, (nuint)(octets.Length - filled), 0);
                if (count >= 0)
                    filled += (int)count;
                else if (Libc.LastError != Errno.EINTR)
                    // A stack that goes on with octets which a peer can guess is worse than none.
                    Environment.FailFast("getrandom failed");
            }
        }
    }
}
