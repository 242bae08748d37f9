// A clock that can be put forward: what takes half a minute by the RFCs' timers takes none in a test, while the other program's time goes on as it does.
using SipEmbedded.Host;
using SipEmbedded.Memory;

namespace SipEmbedded.Interop.Tests.Calls;

internal sealed class SkippingClock : IClock
{
    private readonly SystemClock _clock = new();
    private long _skippedTicks;

    public Instant Now => _clock.Now + TimeSpan.FromTicks(Interlocked.Read(ref _skippedTicks));

    public void Skip(TimeSpan time) => Interlocked.Add(ref _skippedTicks, time.Ticks);
}
