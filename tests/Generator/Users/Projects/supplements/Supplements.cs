// A user's supplements: one that is handed in, one with a cookie, one that reads the other's cookie, one of a method of the user's own; and their chain.
using SipEmbedded.Calls;
using SipEmbedded.Generation;
using SipEmbedded.Memory;
using SipEmbedded.Messages;

[assembly: AllocationFree]

namespace Doors;

[Supplement(Method = "INVITE", Order = 20)]
public sealed class Limits
{
    private readonly int _most;

    [StartUp(Because = "made before start")]
    public Limits(int most) => _most = most;

    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply, ref Bells.Rung rung)
    {
        if (++rung.Times <= _most)
            return true;
        reply.Answer(486);
        return false;
    }
}

[Supplement(Order = -1)]
public sealed class Bells
{
    [Cookie]
    public struct Rung
    {
        public int Times;
    }

    public int Ended { get; private set; }
    public int Released { get; private set; }

    public void SessionEnded(in CallSession call, ref Rung rung) => Ended += rung.Times;

    public void Release(ref Rung rung) => Released += rung.Times;
}

[Supplement(Method = "OPEN", Order = 10)]
internal sealed class DoorHeaders
{
    public static void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request) => request.Header("X-Door"u8, "3"u8);

    public void OutgoingResponse(in CallSession call, Method method, int status, ref MessageBuilder response) => response.Header("X-Door"u8, "3"u8);
}

[SupplementChain]
public sealed partial class House;
