// Supplements: classes that take part in every call, without the call layer knowing any of them. They add headers, read headers, refuse requests, keep
// data of their own with each call. The model is Asterisk's res_sip_session, bound by the compiler instead of at run time.
//
// note [a chain of supplements]
// A class marked [Supplement] has some of the methods below, found by their names. A partial class marked [SupplementChain] gets the other half from the
// generator: it makes the supplements, calls them in their order, passes over those of another method, and holds their cookies (CookieTable). The call
// layer knows the chain by this interface, so one virtual call a step is all that supplements cost, and nobody is looked for while a call waits. The
// generator takes the steps from this interface, and a step's method from SupplementMethods; what is added here is a step without a change there.
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace SipEmbedded.Calls;

/// <summary>
/// The steps of a call that supplements take part in; see note [a chain of supplements]. Each is called in the order of the supplements. A supplement may
/// read what it is given until it returns, and keeps none of it.
/// </summary>
public interface ISupplements
{
    /// <summary>Takes the cookies of <paramref name="calls"/> calls from the gate. Once, before any other step.</summary>
    [StartUp(Because = "cookies are memory, which is taken before start")]
    void Attach(StartGate gate, int calls);

    /// <summary>A call has begun: its cookies are zero. Before the first INVITE goes out, or is looked at.</summary>
    void SessionBegan(in CallSession call);

    /// <summary>The call has ended; no step of it follows. Its cookies are still there, and are released behind the last supplement.</summary>
    void SessionEnded(in CallSession call);

    /// <summary>
    /// A request of the peer's, before anything of it is done. False where a supplement stopped it: <paramref name="reply"/> is then sent, and the supplements
    /// behind are not asked. An ACK that is stopped is passed over, since it has no response.
    /// </summary>
    bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply);

    /// <summary>A response of the peer's, provisional or final, before anything is made of it.</summary>
    void IncomingResponse(in CallSession call, SipMessage response);

    /// <summary>A request of ours, once its own headers are written: what a supplement writes comes behind them, and before the body.</summary>
    void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request);

    /// <summary>The same for a response of <paramref name="status"/> to a request of <paramref name="method"/>.</summary>
    void OutgoingResponse(in CallSession call, Method method, int status, ref MessageBuilder response);
}

/// <summary>The chain of who has no supplements.</summary>
public sealed class NoSupplements : ISupplements
{
    [StartUp(Because = "a chain is made before start")]
    public NoSupplements()
    {
    }

    [StartUp(Because = "cookies are memory, which is taken before start")]
    public void Attach(StartGate gate, int calls)
    {
    }

    public void SessionBegan(in CallSession call)
    {
    }

    public void SessionEnded(in CallSession call)
    {
    }

    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply) => true;

    public void IncomingResponse(in CallSession call, SipMessage response)
    {
    }

    public void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request)
    {
    }

    public void OutgoingResponse(in CallSession call, Method method, int status, ref MessageBuilder response)
    {
    }
}
