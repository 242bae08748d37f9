// What a caller may ask of a fault that is none.
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Messages.Values;

public sealed class ParseFaultTests
{
    [Fact]
    public void No_fault_has_an_empty_rule_and_not_null()
    {
        ParseFault none = default;

        Assert.False(none.IsFault);
        Assert.Equal("", none.Rule);
    }
}
