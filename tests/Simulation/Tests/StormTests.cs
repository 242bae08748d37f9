// A thousand devices and a registrar that comes back: they do not come all at once.
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class StormTests
{
    [Theory]
    [InlineData(Protocol.Udp, true)]
    [InlineData(Protocol.Udp, false)]
    [InlineData(Protocol.Tcp, false)]
    public void A_thousand_devices_come_back_spread_out(Protocol protocol, bool isSilent)
    {
        var result = Storm.Of(new() { Protocol = protocol, IsSilent = isSilent });

        Assert.True(result.HighestRate <= Storm.HighestRate && result.AllBack <= Storm.AllBackWithin, result.Report());
    }
}
