// An option that is a whole number within bounds.
using System.CommandLine;

namespace SipEmbedded.Device.Serving;

internal static class NumberOption
{
    public static Option<int> Create(string name, string help, int standard, int least, int most, string description)
    {
        Option<int> option = new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !int.TryParse(token.Value, out int value) || value < least || value > most))
                result.AddError($"{name}: '{token.Value}' is no number from {least} to {most}.");
        });
        return option;
    }
}
